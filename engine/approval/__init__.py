"""The office's vocabulary and its law: items, cases, materials, tolerance, commitment, parallel approval; pure."""
