"""`python -m pumpleak`: the command line where its script is not on the path."""

from pumpleak.app.cli import main

if __name__ == "__main__":
    main()
