"""Training pictures: what a user has, and the data set ``people`` that this package draws itself."""

from gan.config import Framing
from gan.data.dataset import Dataset, open_dataset
from gan.data.parallel import Stopped
from gan.data.pictures import Skipped

__all__ = ["Dataset", "Framing", "Skipped", "Stopped", "open_dataset"]
