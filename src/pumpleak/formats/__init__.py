"""Reading and writing: YAML files of schemes, cells and studies, tables of data, and the folder of a result."""
