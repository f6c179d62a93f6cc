"""The browser board: play an agent, or step through a game record with a network's analysis.

    tree.py      a game with its variations             records.py   the same from SGF and to SGF
    sitting.py   one game at the board: who plays, what is shown, what to think about next
    mind.py      the thread that thinks for a sitting   review.py    what the analysis says about a game
    drawing/     board and graph as SVG                 panels.py    everything beside the board as HTML
    page.py      the page in the browser (NiceGUI)      security.py  who may talk to the server
    house.py     the open sittings                      app.py       the server

A page has no state of its own: it sends requests (`Sitting.ask`), and what it shows is drawn here.
"""
