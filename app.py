"""Opens the window: ``python app.py [CHECKPOINT | RUN]``."""

from latent_debugger.application import main

if __name__ == "__main__":
    main()
