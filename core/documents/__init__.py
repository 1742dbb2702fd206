"""Documents: PDF, Excel, CSV and charts, made by a program of its own that knows nothing of the house.

`renderer` starts that program and hands it data · `charts` gives charts as SVG · `lines` writes CSV. The program
(`__main__`) sets itself limits, then loads one of: `pdf` with `page` and `fonts` · `sheets` · `vega`.

WeasyPrint, openpyxl and vl-convert take 60 to 240 MB: no web process ever loads them. The program is started without
the settings of the house in its environment, so that whatever happens in it has no key and no database to reach.

Nothing may be imported here: the program loads this package without `core`, whose face takes a second to load.
"""
