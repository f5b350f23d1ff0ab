walk-in-title = Someone comes with a slip
walk-in-reference = Number written on the slip
walk-in-hint = Eight symbols, for example 7K3M-Q9XT.
walk-in-find = Find the referral
walk-in-none = No current slip bears this number. Read it again with the person, or call the organisation that gave it.
refusal-field-reference = Write the eight symbols of the slip, for example 7K3M-Q9XT.
refusal-reference-ended = This referral has ended. Ask the organisation that gave the slip for a new one.
refusal-ambiguous = Two slips bear this number. Look for the person among the referrals received.
