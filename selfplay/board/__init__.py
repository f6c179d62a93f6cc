"""The browser board: play against an agent, or step through a game record with a network's analysis.

    tree.py      a game with its variations             records.py   reads and writes it as SGF
    sitting.py   one game at the board: who plays, what is shown, what to search next
    mind.py      the search thread of a sitting         review.py    win rates and mistakes from the analysis
    drawing/     board and graph as SVG                 panels.py    everything beside the board, as HTML
    page.py      the page in the browser (NiceGUI)      security.py  access control of the server
    house.py     the open sittings                      app.py       the server
    options.py   the options of `tengen play`           wire.py      refuses websocket junk
    players.py   its players                            strengths.py how long they may think

A page keeps no game state: it sends requests (asking.py), and everything it shows is drawn here.
"""
