"""The functions of PromQL, each as arithmetic on whole arrays."""
