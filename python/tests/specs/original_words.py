# A module of run functions as they were written for the original Coordinate, in the common subset of
# Python 2 and 3. It knows nothing of this package.
from __future__ import absolute_import, division, print_function
import logging

logger = logging.getLogger(__name__)


def count_words(work_unit):
    text = work_unit.data['text']
    least = work_unit.spec['config']['words']['least']
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    work_unit.data['output'] = dict(
        (word, {'count': count, 'from': work_unit.key})
        for word, count in counts.items() if count >= least)
    work_unit.update()
    logger.info('counted %r', work_unit.key)


def check_word(work_unit, *args, **kwargs):
    work_unit.data['args'] = args
    work_unit.data['kwargs'] = kwargs
    if work_unit.data['count'] > 2:
        raise ValueError('too many')
