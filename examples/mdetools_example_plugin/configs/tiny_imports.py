_base_ = ["./tiny.py"]
custom_imports = dict(imports=["mdetools_example_plugin"])
