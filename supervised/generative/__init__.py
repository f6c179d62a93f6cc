"""Generative models of pictures, models that compress pictures into short codes, and segmentation."""
