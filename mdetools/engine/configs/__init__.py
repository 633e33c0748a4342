"""Reading configs and checking them."""

from mdetools.engine.configs.checking import check_config
from mdetools.engine.configs.data_roots import set_data_root
from mdetools.engine.configs.loading import load_config

__all__ = ["check_config", "load_config", "set_data_root"]
