"""The rows of the reading list about agents, search and games."""

from __future__ import annotations

from tengen.papers import Paper

_LEARNING, _GAMES = "reinforcement learning", "search and games"

PAPERS: tuple[Paper, ...] = (
    Paper(
        "reinforce",
        "Williams 1992, Simple statistical gradient-following algorithms",
        1992,
        _LEARNING,
        "first steps",
        "make every action more likely in proportion to the return that followed it",
        """The gradient of the expected return needs no model of the environment:
it is the expectation of the return times the gradient of log pi(action).
Subtracting a baseline leaves the expectation unchanged and lowers the variance.
Each rollout is used once.
Karpathy's Pong from Pixels (2016) is this algorithm with a two-layer network.""",
        "agents/reinforce/train.py",
        "docs/algorithms/reinforce.md",
        "tengen train CartPole-v1 --agent reinforce",
        "500 on CartPole-v1 in 35 s on one core",
        "",
        "pass --no-standardise: what happens to the score, and why?",
        takes="35 seconds on one core",
    ),
    Paper(
        "dqn",
        "Mnih et al. 2015, Human-level control through deep reinforcement learning",
        2015,
        _LEARNING,
        "middle",
        "Q-learning from a replay memory, with targets from an older copy of the network",
        """One architecture and one set of hyperparameters learn 49 Atari games from pixels.
A replay memory breaks the correlation of consecutive screens.
A target network, copied now and then, keeps the targets from running away.
Rewards are clipped to [-1, 1] so that one learning rate suits all games.
On 29 of the 49 it reaches three quarters of a human tester's score.""",
        "agents/dqn/train.py",
        "docs/algorithms/dqn.md",
        "tengen train pong --agent dqn",
        "9.1 [7.3, 10.8] on Pong with sticky actions after 602,000 steps, 73 minutes on one core",
        "18.9 on Pong after 50 M steps",
        "compute dqn_target and double_q_target by hand for one transition, then call them",
    ),
    Paper(
        "double-dqn",
        "van Hasselt, Guez & Silver 2015, Deep reinforcement learning with double Q-learning",
        2015,
        _LEARNING,
        "first steps",
        "one network chooses the action, the other evaluates it",
        """The maximum of noisy estimates is too high on average.
DQN's values are indeed too high, and sometimes the policy suffers.
Choose the action with the online network and take its value from the target network.
One line of code changes.
The values come down to the returns really obtained.""",
        "agents/dqn/targets.py",
        "docs/algorithms/dqn.md",
        "tengen train catch --agent dqn --double",
        "1.0 on catch, the best possible, after 60,000 steps",
        "",
        "ten actions worth 0, noise of standard deviation 1: what is the expected maximum, and the double estimate?",
    ),
    Paper(
        "dueling",
        "Wang et al. 2016, Dueling network architectures",
        2016,
        _LEARNING,
        "first steps",
        "learn separately how good a state is and how much better one action is than the others",
        """In many states the choice of the action hardly matters.
Two streams: a value V(s) and advantages A(s, a), with Q = V + A - mean A.
Subtracting the mean makes the two identifiable.
Every step trains V, whichever action was taken.
Nothing else in DQN changes.""",
        "supervised/nets/heads.py",
        "docs/algorithms/dqn.md",
        "tengen train catch --agent dqn --dueling",
        "1.0 on catch, the best possible, after 60,000 steps",
        "",
        "why can V and A not be told apart if the mean is not subtracted?",
    ),
    Paper(
        "prioritised-replay",
        "Schaul, Quan, Antonoglou & Silver 2016, Prioritized experience replay",
        2016,
        _LEARNING,
        "middle",
        "replay surprising transitions more often",
        """Sample a transition in proportion to its last error to the power alpha.
That changes the distribution, so weight the loss by the inverse probability to the power beta.
beta rises to 1 as the values converge.
A sum tree samples in logarithmic time.
Learning speeds up most where rewards are rare.""",
        "agents/dqn/priorities.py",
        "docs/algorithms/dqn.md",
        "tengen train catch --agent dqn --prioritised",
        "1.0 on catch, the best possible, after 60,000 steps",
        "",
        "what do alpha = 0 and beta = 0 give?",
    ),
    Paper(
        "impala",
        "Espeholt et al. 2018, IMPALA: scalable distributed deep-RL",
        2018,
        _LEARNING,
        "hard",
        "actors play with old weights, and the learner corrects for that",
        """Many actors send trajectories to one learner; none of them waits.
Their policy is a few updates old, so returns are corrected by clipped importance weights (V-trace).
A deep residual network replaces DQN's three convolutions.
One agent learns 57 games or 30 mazes at once.
Here: the network (--net impala), and APPO's and IMPALA's learners with --engine rllib.""",
        "supervised/nets/impala.py",
        "docs/algorithms/rllib.md",
        "tengen train catch --net impala",
        "1.0 on catch, the best possible, after 60,000 steps (its network; 7 minutes on a core with other work)",
        "",
        "for which clipping does V-trace become the n-step return?",
    ),
    Paper(
        "ppo",
        "Schulman, Wolski, Dhariwal, Radford & Klimov 2017, Proximal policy optimization",
        2017,
        _LEARNING,
        "middle",
        "several gradient steps on the same rollout, while the policy stays near the one that played",
        """The ratio of the new to the old probability of an action is clipped to [1 - eps, 1 + eps].
The objective is the smaller of the clipped and the unclipped one: going further gains nothing.
Advantages are an exponentially weighted average of n-step estimates (GAE, Schulman 2015).
One network has both policy and value, with an entropy bonus.
Simple, and hard to beat.""",
        "agents/ppo/train.py",
        "docs/algorithms/ppo.md",
        "tengen train pong",
        "18.7, 18.7, 18.0 on Pong (seeds 1 to 3, sticky actions), 2.8 M steps in 18 minutes on two cores",
        "20.7 on Pong after 40 M frames",
        "when is clip_fraction too high? change --lr until it is",
        takes="18 minutes on two cores",
    ),
    Paper(
        "pqn",
        "Gallici et al. 2024, Simplifying deep temporal difference learning",
        2024,
        _LEARNING,
        "middle",
        "Q-learning on many parallel games, with layer normalisation instead of replay and a target network",
        """Layer normalisation bounds the values of unseen states.
That is enough for temporal differences to converge without a target network.
Many parallel games replace the replay memory.
The targets are lambda-returns of short rollouts.
It is fast where games are compiled or run on the GPU.""",
        "agents/pqn/train.py",
        "docs/algorithms/pqn.md",
        "tengen train CartPole-v1 --agent pqn",
        "500 on CartPole-v1 in 45 s on one core",
        "",
        "pass --no-norm, with three seeds",
        takes="45 seconds on one core",
    ),
    Paper(
        "uct",
        "Kocsis & Szepesvari 2006, Bandit based Monte-Carlo planning",
        2006,
        _GAMES,
        "first steps",
        "every node of the tree is a bandit: try children that are good or rarely tried",
        """Choose the child with the highest mean plus a bonus that grows with log N / n.
Random playouts from the leaves give the values.
The estimate converges to the value of perfect play.
No evaluation function is needed: the step that changed computer Go.
Coulom found Monte-Carlo tree search in the same year.""",
        "agents/search/search.py",
        "docs/algorithms/search.md",
        "tengen match uct:1000 random --board tictactoe --opening 0",
        "none of 200 games of tic-tac-toe lost (180 won, 20 drawn), 1,000 random games a move",
        "",
        "tengen match uct:1000 uct:100 --board connect4: how many Elo are ten times the simulations worth?",
    ),
    Paper(
        "alphago-policy",
        "Silver et al. 2016, Mastering the game of Go with deep neural networks and tree search",
        2016,
        _GAMES,
        "middle",
        "a network that predicts the moves of strong players",
        """A convolutional network of 13 layers predicts human moves.
Without any search it beats programs of its day.
Self-play improves it; its games train a value network.
The search combines policy, value and fast rollouts.
Here: the networks and learning from game records; the whole system is the next row.""",
        "supervised/nets/tower.py",
        "docs/supervised.md",
        "tengen match policy:go9-policy random --board go9",
        "44.0 % [43.3, 44.7] of the moves of KGS games, learned from other games, 126 minutes on one core",
        "57.0 % of KGS moves (50 GPUs, three weeks)",
        "where does the policy put its weight in an empty corner?",
    ),
    Paper(
        "alphazero",
        "Silver et al. 2018, A general reinforcement learning algorithm (AlphaZero), after AlphaGo Zero (2017)",
        2018,
        _GAMES,
        "hard",
        "search improves the policy, and the policy learns to predict the search",
        """No human games, only the rules.
The visit counts of the search are the policy target, the result of the game is the value target.
One network with two heads replaces four.
Self-play, learning and search make each other stronger.
Chess, shogi and Go with the same code.""",
        "selfplay/alphazero.py",
        "docs/algorithms/alphazero.md",
        "tengen train tictactoe",
        "9x9: 86 % [80, 90] of 200 games against GNU Go 3.8 level 10, 6.4 hours mostly on one core",
        "",
        "train tictactoe with --simulations 2 and with --simulations 50; compare tengen eval last",
    ),
    Paper(
        "katago",
        "Wu 2019, Accelerating self-play learning in Go",
        2019,
        _GAMES,
        "hard",
        "more targets per game, and more games per second",
        """The owner of each point and the score are targets besides the result.
Global pooling lets the whole board inform each point (ko fights).
Only some moves are searched deeply, and only those are trained on.
Forced playouts explore, and are pruned from the targets.
It needs a fiftieth of the compute of the systems before it.""",
        "agents/alphazero/losses.py",
        "docs/algorithms/alphazero.md",
        "tengen train go5 --steps 20000",
        "7x7, 4 minutes of training each: without its further targets 52 % [42, 61] of 100 games against with them,"
        " without quick searches 100 % [96, 100] (make ablations)",
        "computing that it costs to leave out ownership and score 1.65 times, quick searches 1.37 times",
        "train go5 with and without --ownership-weight for the same minutes; let the two meet (tengen match)",
    ),
    Paper(
        "gumbel",
        "Danihelka, Guez, Schrittwieser & Silver 2022, Policy improvement by planning with Gumbel",
        2022,
        _GAMES,
        "hard",
        "a guaranteed policy improvement, even with two simulations",
        """Sample actions without replacement by adding Gumbel noise to the logits.
Halve the candidates repeatedly, keeping those with the best values.
The target is the policy shifted by the completed Q-values.
With few simulations AlphaZero's visit counts may make the policy worse; this cannot.
16 simulations a move are enough to learn.""",
        "agents/search/halving.py",
        "docs/algorithms/search.md",
        "tengen train connect4 --simulations 16 --steps 50000",
        "7x7, 4 minutes of training each: PUCT with 64 simulations a move wins 14 % [8, 22] of 100 games against Gumbel"
        " with 32 and 8 (make ablations)",
        "",
        "work one round of sequential halving by hand for four actions and eight simulations",
    ),
)
