<?php
// Reads a calendar with sabre/vobject: sabre.php FILE FROM TO prints what its validator says and every occurrence, as JSON.
error_reporting(E_ALL & ~E_DEPRECATED);
require '/usr/share/php/Sabre/VObject/includes.php';
date_default_timezone_set('UTC');
[, $file, $from, $to] = $argv;
$calendar = Sabre\VObject\Reader::read(file_get_contents($file));
$problems = array_map(fn($p) => $p['message'], $calendar->validate());
$calendar->expand(new DateTime($from), new DateTime($to));
$say = function ($property) {
    if ($property->getDateType() === Sabre\VObject\Property\DateTime::DATE) {
        return $property->getDateTime()->format('Y-m-d');
    }
    $moment = clone $property->getDateTime();
    return $moment->setTimezone(new DateTimeZone('UTC'))->format('Y-m-d\TH:i\Z');
};
$found = [];
foreach ($calendar->select('VEVENT') as $event) {
    $found[] = [
        'uid' => (string) $event->UID,
        'start' => $say($event->DTSTART),
        'end' => $say($event->DTEND ?? $event->DTSTART),
        'summary' => (string) $event->SUMMARY,
        'status' => (string) $event->STATUS,
        'description' => (string) $event->DESCRIPTION,
        'location' => (string) $event->LOCATION,
    ];
}
echo json_encode(['problems' => $problems, 'occurrences' => $found], JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
