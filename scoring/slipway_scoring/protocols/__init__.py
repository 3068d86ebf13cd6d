"""Other protocols than Azure's, on the same address: MLflow's scoring server, the Open Inference Protocol."""
