"""How far each way of finding a speaker is to be trusted."""

# How sure each way of finding a speaker is. Set by hand, in the order of how often each is right.
CONFIDENCE = {
    "after": 0.97,  # “...,” she said
    "before": 0.95,  # She said, “...”; the first cue of its sentence
    "far": 0.88,  # the same with many words between
    "relative": 0.85,  # a member who said “...”
    "second": 0.75,  # a later cue with a subject of its own
    "shared": 0.8,  # said ..., adding “...”
    "main": 0.75,  # a cue whose subject is the sentence's
    "object": 0.6,  # a name that may be another verb's object
    "weak": 0.68,  # verbs that seldom bring a quotation
    "late": 0.68,  # a cue at the far end of the sentence
    "verb": 0.75,  # any verb right after the marks
    "label": 0.87,  # Name: “...” and From Name: “...”
    "name": 0.88,  # “...” — Name
    "layout": 0.95,  # transcripts, letters, posts
    "announced": 0.9,  # the paragraph before ends in a cue and a colon
    "colon": 0.65,  # the sentence ends in a colon and has no cue
    "noun": 0.68,  # the sentence speaks of a statement or a claim
    "headed": 0.75,  # the line above ends in a colon and names one party
    "subject": 0.5,  # the sentence has a subject and no cue
    "same": 0.96,  # the paragraph goes on without a cue
    "midway": 0.65,  # it goes on within a sentence of its own
    "continued": 0.95,  # a mark opens each paragraph
    "carried": 0.82,  # a paragraph that is only a quotation
    "introduced": 0.75,  # the sentence before has a cue
    "last": 0.6,  # the paragraph before has a cue
    "sole": 0.75,  # the sentence before names one party
}

ANSWERED = 0.7  # below it a speaker found is more often wrong than right
LABEL_SAFE = 0.9  # from here on a side may be taken for a label unread
