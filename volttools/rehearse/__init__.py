"""Would the new server do the same? A capture is replayed on the old server and on the new one, and compared.

coverage    which calls are made on both, and which are not
rules       what doesn't count in the comparison, as the replay has put values in the place of others
evidence    the files that are left
rehearsing  all of it, from the capture to the result
findings    what is different, in words for people who know neither replay nor comparison
report      the page, and the JSON
"""
