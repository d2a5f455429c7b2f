"""Training pictures: what a user has, and the data set ``people`` that this package draws itself."""

from gan.data.dataset import Dataset, open_dataset

__all__ = ["Dataset", "open_dataset"]
