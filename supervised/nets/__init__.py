"""Networks: trunks, heads, and `HeadedNet` which joins them."""
