"""Networks: trunks, heads, and `HeadedNet`, which combines them."""
