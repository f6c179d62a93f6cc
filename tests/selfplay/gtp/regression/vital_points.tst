# Life and death that decides the game: White owns the upper half, Black the rest, and the corner goes to whoever plays
# its vital point. With the corner Black wins, without it White does, so that no other move is right.

# Three in a row on the first line.
boardsize 9
clear_board
komi 2.5
play black A5
play black B5
play black C5
play black D5
play black E5
play black F5
play black G5
play black H5
play black J5
play black A3
play black B3
play black C3
play black D3
play black E3
play black E2
play black E1
play white A6
play white B6
play white C6
play white D6
play white E6
play white F6
play white G6
play white H6
play white J6
play white A2
play white B2
play white C2
play white D2
play white D1
1 reg_genmove black
#? [B1]
2 reg_genmove white
#? [B1]

# The bent three in the corner.
boardsize 9
clear_board
komi 2.5
play black A5
play black B5
play black C5
play black D5
play black E5
play black F5
play black G5
play black H5
play black J5
play black A4
play black B4
play black C4
play black C3
play black D3
play black D2
play black D1
play white A6
play white B6
play white C6
play white D6
play white E6
play white F6
play white G6
play white H6
play white J6
play white A3
play white B3
play white B2
play white C2
play white C1
3 reg_genmove black
#? [A1]
4 reg_genmove white
#? [A1]

# The first again, in the other corner.
boardsize 9
clear_board
komi 2.5
play black A5
play black B5
play black C5
play black D5
play black E5
play black F5
play black G5
play black H5
play black J5
play black J3
play black H3
play black G3
play black F3
play black E3
play black E2
play black E1
play white A6
play white B6
play white C6
play white D6
play white E6
play white F6
play white G6
play white H6
play white J6
play white J2
play white H2
play white G2
play white F2
play white F1
5 reg_genmove black
#? [H1]
6 reg_genmove white
#? [H1]
