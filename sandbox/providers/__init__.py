"""A stand-in Stripe and a stand-in Mercado Pago: they keep state, answer over HTTP in the real shapes, sign as the real ones, and fail on demand."""
