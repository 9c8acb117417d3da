"""`python -m volttools` is the command line by another name."""

from volttools.cli import main

if __name__ == "__main__":
    main()
