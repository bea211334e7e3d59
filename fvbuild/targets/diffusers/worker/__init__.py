"""The process that holds models on one device. Only what runs in it imports torch."""
