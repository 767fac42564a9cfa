"""System -> LLVM code -> Program: expressions, Jacobian, linear algebra and the whole time loop are generated here."""
