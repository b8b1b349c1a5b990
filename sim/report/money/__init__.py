"""Money pages of finished results: a workbook, tables, a one-page summary and pictures for slides.

`sheets` lays tables out for people, `workbook` writes them so that nothing in them is ever a formula, `flow` and
`slides` draw, `summary` says all on one page, and `writing` puts everything into a folder.
"""
