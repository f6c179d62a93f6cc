"""The browser board: play an agent, or walk a game record and see what a network thinks of it.

    tree.py      a game with its variations             records.py   the same from SGF and to SGF
    sitting.py   one game at the table: who plays, what is shown, whose turn it is to think
    mind.py      the thread that thinks for a sitting   review.py    what the analysis says about a game
    drawing/     board and graph as SVG                 panels.py    everything beside the board as HTML
    page.py      the page in the browser (NiceGUI)      security.py  who may talk to the server
    house.py     the sittings that are open             app.py       the server

A page holds no truth of its own: what it sends are wishes (`Sitting.ask`), what it shows is drawn here.
"""
