"""Deploys: which version began to run when, told by whoever deploys, as marks on charts."""
