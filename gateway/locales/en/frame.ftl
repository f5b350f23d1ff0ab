skip = Skip to the content
menu-label = Menu
menu-home = To do
menu-people = People I support
menu-structure = My structure
sign-out = Sign out
new-referral = New referral
footer-accessibility = Accessibility
footer-privacy = Personal data
footer-legal = Legal notice

error-word = Error:
error-title = Error: { $title }
error-summary = { $n ->
    [one] One thing to correct
   *[other] { $n } things to correct
}

trouble-back = Back to the start
trouble-not-found = There is no such page
trouble-not-found-what = It does not exist, or it is not for you. Check the address, or go back to the start.
trouble-sign-in = Sign in
trouble-sign-in-what = Your session has ended. Sign in to go on.
trouble-bad-form = This form could not be read
trouble-bad-form-what = Go back, reload the page and try again. Nothing was stored.
trouble-stale = This page was opened too long ago
trouble-stale-what = Go back, reload the page and try again. Nothing was stored.
trouble-too-big = This is too long
trouble-too-big-what = What was sent is longer than a million characters. Nothing was stored.
trouble-too-often = Too many tries in a short time
trouble-too-often-what = Wait a minute, then try again.
trouble-node-away = Relais does not answer
trouble-node-away-what = Nothing is lost. Slips already printed stay valid. Try again in a minute; if it lasts, tell your administrator.
trouble-refused = This is not possible
trouble-failed = Something went wrong
trouble-failed-what = It is not your fault. Try again; if it lasts, tell your administrator.

date-day = { $weekday } { $day } { $month } { $year }
date-instant = { $day } at { $time }
date-in-hours = { $n ->
    [0] in less than an hour
    [one] in { $n } hour
   *[other] in { $n } hours
}
date-in-days = { $n ->
    [one] in { $n } day
   *[other] in { $n } days
}
date-ago-hours = { $n ->
    [0] less than an hour ago
    [one] { $n } hour ago
   *[other] { $n } hours ago
}
date-ago-days = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
}
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
hours-days = { $from } to { $to }
hours-every-day = every day
hours-holidays = public holidays
hours-open = { $days }, { $times }
hours-closed = { $days }: closed
hours-always = at any hour
hours-from-to = { $from } to { $to }
hours-and = { $first } and { $last }
hours-then = { $first }; { $then }
hours-hour = { $hour }:00
hours-minute = { $hour }:{ $minute }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
trouble-busy = Many people at the same moment
trouble-busy-what = Nothing was saved. Wait a few seconds, then try again.
trouble-slow = The answer takes too long
trouble-slow-what = What you had just sent may be saved: look before you try again. What was confirmed is kept, and so are drafts. Papers printed before can still be used. If it goes on, tell your administrator.
