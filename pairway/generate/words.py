"""What the made-up people are called and say, so that the demo reads like a company and not like a test."""

from __future__ import annotations

FIRST_NAMES = (
    "Amara", "Anders", "Ngozi", "Yuki", "Mateo", "Ingrid", "Priya", "Tariq", "Chiara", "Ewa", "Kofi",
    "Leila", "Sven", "Mei", "Dmitri", "Fatima", "Owen", "Lucía", "Hamza", "Siobhán", "Bao", "Zanele",
    "Elif", "Henrik", "Aroha", "Rafael", "Nadia", "Kwame", "Aiko", "Marta", "Idris", "Freya", "Arjun",
    "Camille", "Tomasz", "Salma", "Joon", "Beatriz", "Emeka", "Hana", "Lars", "Noor", "Paolo",
    "Wanjiru", "Viktor", "Aisha", "Callum", "Thuy", "Rania", "Stefan", "Imani", "Kenji", "Olga",
    "Diego", "Maeve", "Yusuf", "Sofia", "Tendai", "Anneli", "Minh", "Carmen", "Ivo", "Shreya",
    "Malik", "Greta", "Luis", "Ayumi", "Dalia", "Finn", "Adaeze", "Pavel", "Zara", "Hugo", "Lin",
    "Samira", "Jakob", "Ximena", "Obinna", "Karin",
)  # fmt: skip
LAST_NAMES = (
    "Okafor", "Lindqvist", "Tanaka", "Moreau", "Haddad", "Kowalska", "Mensah", "Rossi", "Nguyễn",
    "Petrov", "Al-Sayed", "O'Brien", "García", "Brandt", "Ndlovu", "Yılmaz", "Iyer", "Silva", "Chen",
    "Novák", "Hansen", "Kamau", "Dubois", "Park", "Ivanova", "Rahman", "Byrne", "Fernández",
    "Adeyemi", "Sato", "Weber", "Diallo", "Mäkinen", "Castro", "Sharma", "Wójcik", "Osei", "Bianchi",
    "Pham", "Kuznetsov", "Mahmoud", "Jensen", "Mbeki", "Laurent", "Kim", "Horvat", "Qureshi", "Walsh",
    "Morales", "Ito", "Schneider", "Traoré", "Virtanen", "Costa", "Patel", "Zieliński", "Boateng",
    "Conti", "Trần", "Volkov", "Nasser", "Nielsen", "Dlamini", "Girard", "Choi", "Marić", "Hussain",
    "Reid", "Ortiz", "Yamamoto", "Keller", "Sow", "Johansson", "Pereira", "Gupta", "Nowak", "Asante",
)  # fmt: skip
DEPARTMENTS = (
    "Engineering", "Operations", "Finance", "Sales", "Research", "People", "Legal", "Customer Care", "Marketing",
    "Supply Chain",
)  # fmt: skip
COMPETENCIES = (
    ("communication", "Communication"),
    ("delegation", "Delegation"),
    ("strategy", "Strategic thinking"),
    ("conflict", "Handling conflict"),
    ("finance", "Reading the figures"),
)
# A goal for each competency: title, measure, actions.
GOALS = (
    (
        "communication",
        "Speak with ease before the board",
        "two board presentations given",
        ("rehearse with the mentor", "join a speakers' club"),
    ),
    (
        "communication",
        "Write reports that get read",
        "one page, agreed by three readers",
        ("one report a month read together",),
    ),
    (
        "delegation",
        "Hand over the day-to-day of the team",
        "no weekend calls for two months",
        ("list what only I can do", "hand over one task a fortnight"),
    ),
    (
        "delegation",
        "Grow a deputy",
        "two weeks away without a call",
        ("agree with the deputy on a plan", "review it every month"),
    ),
    (
        "strategy",
        "See the business beyond my department",
        "a proposal that two departments back",
        ("shadow the mentor at two steering meetings", "visit three other sites"),
    ),
    (
        "strategy",
        "Write a three-year plan for my area",
        "the plan is adopted",
        ("interview five customers", "draft, and defend it before peers"),
    ),
    (
        "conflict",
        "Settle a dispute without my manager",
        "two disputes settled",
        ("role-play with the mentor", "keep a diary of difficult talks"),
    ),
    (
        "conflict",
        "Say no, and stay on good terms",
        "peers confirm it in a survey",
        ("practise one no a week",),
    ),
    (
        "finance",
        "Own a budget",
        "within three percent at year's end",
        ("take the finance course", "review the month's figures with the mentor"),
    ),
)
STRENGTHS = (
    "keeps promises", "calm under pressure", "asks good questions", "knows the customers", "learns fast",
    "loyal to the team", "sees the detail", "brings people together",
)  # fmt: skip
NEEDS = (
    "to speak up earlier", "to let go of detail", "a wider network", "to plan further ahead",
    "to give feedback that is heard", "to read a balance sheet", "patience with slow processes",
)  # fmt: skip
RESOURCES = (
    "internal leadership course",
    "Thinking in Systems",
    "a coach for two sessions",
    "the finance primer",
)
BECAUSE = (
    "the mentor is strong where the protégé wants to grow", "different departments, same site",
    "both asked for a meeting in person", "the mentor made the same career step", "they share a working language",
    "both have worked abroad",
)  # fmt: skip
TOPICS = (
    "career", "first months as a lead", "a difficult colleague", "presenting to the board", "delegation",
    "work and family", "networking", "planning the year", "the reorganisation", "feedback from the team",
    "reading the figures", "next steps",
)  # fmt: skip
AGENDAS = (
    "Look back on last month; the budget round; one open question",
    "Goals: where do we stand?",
    "Prepare the talk in front of the board",
    "What went wrong in the project, and what to take from it",
    "Open: whatever is on the mind",
)
NOTES = (
    "Talked openly about the conflict in the team. Will try the approach we rehearsed.",
    "Less sure of the move abroad than last time; wants to think it over until spring.",
    "Good energy. The first board talk went well, the questions were hard.",
    "We spent most of the hour on the reorganisation and what it may mean.",
    "Agreed to stop measuring by hours and to look at what was handed over.",
    "Tired. We kept it short and moved the rest to the next meeting.",
    "Walked through the budget line by line; much clearer now.",
    "Introduced two colleagues from research; follow-up is arranged.",
)
ACTIONS = (
    "read the first three chapters", "introduce to the head of research", "draft the one-page plan",
    "ask two peers for feedback", "share the budget template", "book the course",
)  # fmt: skip
MISSED_BECAUSE = ("ill", "a customer emergency", "travel", "the calendar was full", "forgot", "child care")
COMMENTS = (
    "I look forward to our meetings.",
    "We still need to find our rhythm.",
    "Direct and kind; I learn a lot.",
    "It helps to hear how others do it.",
    "We meet too rarely.",
    "The goals are clearer than three months ago.",
)
LOW_COMMENTS = (
    "We talk past each other.",
    "It feels like an appraisal, not like mentoring.",
    "Meetings are moved again and again.",
    "I am not sure what is expected of me.",
)
WORKED = (
    "a fixed day each month, kept whatever came",
    "that we began with what I am good at",
    "the shadowing: seeing a steering meeting from the inside",
    "being asked questions instead of getting answers",
    "writing down one action at the end of each meeting",
    "the workshop gave us the same words for things",
    "the introductions to people I would never have met",
    "honest feedback, and time to digest it",
)
DID_NOT = (
    "finding time before the quarter closed",
    "video calls, when it was about difficult things",
    "the feedback forms came at the busiest time",
    "our goals were too big for a year",
    "we began two months late because of the workshop dates",
    "travel between the two sites",
    "too little contact between the meetings",
)
WHY = (
    "we agreed on goals early and looked at them every time",
    "my manager gave me the time for it",
    "both of us wanted it, and it showed",
    "the first meetings set the tone",
    "we were from different departments, so nothing was at stake",
    "we never quite knew what the programme expected",
    "the reorganisation took all our attention in autumn",
)
PAUSED_BECAUSE = ("parental leave", "sick leave", "project abroad", "sabbatical", "year-end closing")
WAIVED_BECAUSE = {
    "assessment": "assessed in the talent review last autumn",
    "workshop": "took the workshop in the pilot year",
    "goals": "the current development plan serves",
    "contract": "they have worked under a mentoring agreement before",
}
CLOSING_NOTES = {
    "mismatch": "they did not find a common wavelength",
    "no_time": "the workload left no room for it",
    "no_contact": "no answer for weeks",
    "role_change": "moved to another division",
    "conflict_of_interest": "now on the same promotion panel",
    "misconduct": "with HR",
    "other": "by agreement",
    "goals_met": "all that was planned is done",
}
REVIEW_NOTES = (
    "talked to both",
    "nobody's fault; a new match is planned",
    "the protégé prefers to wait",
    "learned: ask first",
)
LOOKED_AT = ("called them", "wrote to both", "known; they are on it", "will see them on Thursday")
DECLINED_BECAUSE = ("no capacity this year", "no release from the department", "joins the next cohort")
LEFT_BECAUSE = ("left the company", "retired", "moved to a subsidiary", None)
