"""A prediction does not depend on the other pictures in the batch, and predicting does not change the network."""

import copy

import torch
from train import accuracy, digits, learn, network, train


def taught(steps=5):
    """A network that has seen a few batches, so its statistics are not the initial ones."""
    net = network()
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(steps):
        learn(net, optimiser, torch.rand(32, 1, 8, 8), torch.randint(10, (32,)))
    return net


def test_accuracy_does_not_depend_on_the_size_of_the_batches():
    net = taught()
    x, y = torch.rand(60, 1, 8, 8), torch.randint(10, (60,))
    results = {accuracy(copy.deepcopy(net), x, y, batch) for batch in (2, 5, 12, 60)}
    assert len(results) == 1, f"`accuracy` itself, whoever calls it, by batches of 2, 5, 12 and 60 pictures: {results}"


def test_measuring_changes_nothing_in_the_network():
    net = taught()
    before = copy.deepcopy(net.state_dict())
    accuracy(net, torch.rand(20, 1, 8, 8), torch.randint(10, (20,)))
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name]), f"{name} changed by `accuracy`"


def test_learning_still_uses_the_statistics_of_the_batch():
    net = taught()
    accuracy(net, torch.rand(20, 1, 8, 8), torch.randint(10, (20,)))
    before = net[1].running_mean.clone()
    learn(net, torch.optim.SGD(net.parameters(), lr=0.1), torch.rand(32, 1, 8, 8), torch.randint(10, (32,)))
    assert not torch.equal(net[1].running_mean, before)


def test_the_healthy_curve_is_reached():
    net, _, _ = train()
    assert accuracy(net, *digits()[1]) > 0.965
