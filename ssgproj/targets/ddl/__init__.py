"""SQL texts: CREATE and ALTER statements for each destination, made from models."""
