"""What an investigator sees: graphs, pages and workbooks."""
