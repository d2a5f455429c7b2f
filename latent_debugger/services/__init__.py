"""What happens off the GUI thread. Every service emits its public signals in the thread it was created in."""
