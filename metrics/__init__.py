"""What live services do over time: requests, latency, errors, CPU, memory, replicas."""
