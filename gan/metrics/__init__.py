"""How good and how varied a generator's pictures are, each figure beside the same figure between real pictures."""
