"""Brings in the comments that other systems kept, as lines of the inbox.

Every importer reads its files one piece at a time into `foreign.Foreign` values, and never raises for what stands in them; `taking`
makes records of the inbox from these and accounts for each, `kinds` names the importers.
"""
