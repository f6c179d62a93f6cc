# Counts and the status of stones, where there is no doubt about them.

# Two halves: 36 points and 45.
boardsize 9
clear_board
komi 0.5
play black D1
play black D2
play black D3
play black D4
play black D5
play black D6
play black D7
play black D8
play black D9
play white E1
play white E2
play white E3
play white E4
play white E5
play white E6
play white E7
play white E8
play white E9
play black pass
play white pass
1 final_score
#? [W\+9.5]
2 final_status_list dead
#? []
3 final_status_list alive
#? [D\d( D\d){8} E\d( E\d){8}]
4 final_status D5
#? [alive]
5 final_status A1
#? [black_territory]
6 final_status J9
#? [white_territory]

# The same with a lost stone on either side, dead stones being taken off.
kata-set-rules chinese
boardsize 9
clear_board
play black D1
play black D2
play black D3
play black D4
play black D5
play black D6
play black D7
play black D8
play black D9
play black J5
play white E1
play white E2
play white E3
play white E4
play white E5
play white E6
play white E7
play white E8
play white E9
play white A5
play black pass
play white pass
10 final_score
#? [W\+9.5]
11 final_status_list dead
#? [A5 J5|J5 A5]
12 kgs-genmove_cleanup black
#? [A4|A6|B5]
undo

# As the board stands, lost stones count: nothing is territory there.
kata-set-rules tromp-taylor
20 final_status_list dead
#? []
21 final_score
#? [W\+0.5]

# Territory and prisoners: Black took a stone on A1.
kata-set-rules japanese
boardsize 9
clear_board
play white A1
play black A2
play black B1
play black D1
play black D2
play black D3
play black D4
play black D5
play black D6
play black D7
play black D8
play black D9
play white E1
play white E2
play white E3
play white E4
play white E5
play white E6
play white E7
play white E8
play white E9
play black pass
play white pass
30 final_score
#? [W\+10.5]
