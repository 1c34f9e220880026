// C API over toml++
