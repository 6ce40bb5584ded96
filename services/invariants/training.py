"""Courses and who was there. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "course_of_a_township_is_for_it": (
        "a course of a township names no further townships",
        "SELECT DISTINCT c.id FROM volunteers_course c JOIN volunteers_course_townships t ON t.course_id = c.id"
        " WHERE c.township_id IS NOT NULL ORDER BY c.id",
    ),
    "attended_course_was_held": (
        "a course that somebody attended was held",
        "SELECT DISTINCT c.id FROM volunteers_course c JOIN volunteers_attendance a ON a.course_id = c.id"
        " WHERE c.state <> 'held' ORDER BY c.id",
    ),
    "attendance_on_the_courses_day": (
        "an attendance has its course's first day, and no more minutes than the course",
        "SELECT a.id FROM volunteers_attendance a JOIN volunteers_course c ON c.id = a.course_id"
        " WHERE a.date <> c.starts_on OR a.minutes > c.minutes ORDER BY a.id",
    ),
    "attendance_in_the_programme": (
        "nobody attended a course that ended before they joined or began after they left",
        "SELECT a.id FROM volunteers_attendance a JOIN volunteers_course c ON c.id = a.course_id"
        " JOIN volunteers_volunteer v ON v.id = a.volunteer_id"
        " WHERE v.joined_on > c.ends_on OR v.left_on < c.starts_on ORDER BY a.id",
    ),
    "attendance_within_the_region": (
        "whoever attended or is invited belonged to a township that the course is for",
        "SELECT c.id FROM volunteers_course c JOIN"
        " (SELECT course_id, township_id FROM volunteers_attendance UNION"
        " SELECT course_id, township_id FROM volunteers_invitation) p ON p.course_id = c.id"
        " WHERE c.township_id <> p.township_id OR (c.township_id IS NULL"
        " AND EXISTS (SELECT 1 FROM volunteers_course_townships t WHERE t.course_id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM volunteers_course_townships t"
        " WHERE t.course_id = c.id AND t.township_id = p.township_id)) ORDER BY c.id",
    ),
    "course_within_its_places": (
        "no more volunteers are invited to a course than it has places",
        "SELECT c.id FROM volunteers_course c JOIN volunteers_invitation i ON i.course_id = c.id"
        " GROUP BY c.id, c.capacity HAVING COUNT(*) > c.capacity ORDER BY c.id",
    ),
    "attendance_once": (
        "nobody is recorded twice at one course",
        "SELECT MAX(id) FROM volunteers_attendance GROUP BY course_id, volunteer_id HAVING COUNT(*) > 1 ORDER BY 1",
    ),
}
