"""`tengen sample RUN`: generate text, a translation or pictures with a trained model."""

from __future__ import annotations

from pathlib import Path

from tengen.config import Amount, Finite, Whole
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    add = parser.add_argument
    add("player", metavar="RUN", help="a run or a zoo network (text-gpt, digits-vae); last is the newest run")
    add("--prompt", default="", metavar="TEXT", help="how the text begins; for translation, the sentence")
    add("--temperature", type=number(Amount), default=1.0, metavar="float", help="0 takes the most probable output")
    add("--top", type=number(Whole), default=0, metavar="int", help="sample from the k most probable; 0: from all")
    add("--length", type=number(Whole), default=0, metavar="int", help="length of the text; 0: the model's default")
    add("--count", type=number(Whole), default=0, metavar="int", help="how many to make; 0: the model's default")
    add("--class", dest="of_class", default="", metavar="NAME", help="make pictures of this class only")
    guided = "diffusion: strength of classifier-free guidance; -1: the model's default"
    add("--guidance", type=number(Finite), default=-1.0, metavar="float", help=guided)
    add("--steps", type=number(Whole), default=0, metavar="int", help="diffusion: steps; 0: the model's default")
    add("--seed", type=number(Whole), default=1, metavar="int", help="same seed, same sample")
    where = "file for the pictures (default: a new one in the run's folder; for a zoo network, the current folder)"
    add("--out", default="", metavar="FILE", help=where)
    o = parser.parse_all(args)
    from supervised.systems.study import SampleOptions
    from tengen.figures import write_picture
    from tengen.files import free_name
    from tengen.kinds import kind_named
    from tengen.zoo import resolve

    options = SampleOptions(
        prompt=o.prompt,
        count=o.count,
        length=o.length,
        temperature=o.temperature,
        top=o.top,
        of_class=o.of_class,
        guidance=o.guidance,
        steps=o.steps,
        seed=o.seed,
    )
    named = resolve(o.player, Path(o.runs))
    made = kind_named(named.kind).sample(named, options, lambda text: print(text, flush=True))
    if made.text:
        print(made.text)
    if made.picture is not None:
        usual = named.run / f"sample-s{o.seed}.png" if named.run else Path(f"{named.name}-s{o.seed}.png")
        out = write_picture(made.picture, Path(o.out) if o.out else free_name(usual))
        print(f"wrote {out}" + ("" if o.out or named.run else " in the current folder (--out FILE to choose another)"))
    return 0
