"""`tengen sample` for a translator: translate the prompt."""

from __future__ import annotations

from supervised.sequence.translation.show import attention_picture
from supervised.sequence.translation.translate import Translator
from supervised.systems.study import Sample, SampleOptions, Say
from tengen.errors import UserError

EXAMPLES = {"de": "Ein alter Mann hat vor dem Haus gesessen."}
_LONGEST_PROMPT = 200  # pieces


def sample(translator: Translator, options: SampleOptions, say: Say) -> Sample:
    """Translate the prompt, one sentence per line; with attention, also a picture of it for the last sentence."""
    languages = translator.network["languages"]
    prompt = options.prompt or EXAMPLES.get(languages[0], "")
    lines = [line for line in prompt.splitlines() if line.strip()]
    if not lines:
        raise UserError(f"nothing to translate: --prompt 'a sentence in {languages[0]}'")
    if unknown := "".join(translator.source.unknown(prompt)):
        say(f"characters not seen in training: {unknown}")
    for line in lines:
        if len(translator.source.encode(line)) > _LONGEST_PROMPT:
            raise UserError(f"a sentence of more than {_LONGEST_PROMPT} pieces; give --prompt one sentence per line")
    beam, penalty = translator.network["beam"], translator.network["length_penalty"]
    last = translator.explain(lines[-1], beam, penalty)
    made = [*translator.translate(lines[:-1], beam, penalty), last.text]
    if not options.prompt:
        made = [f"{line}\n{text}" for line, text in zip(lines, made, strict=True)]
    return Sample("\n".join(made), None if last.looks is None else attention_picture(last))
