/// A time as RFC 3339 writes it, in UTC: `2026-11-21T14:46:49Z`.
///
/// - Parameter seconds: since 1970, 0 or more.
public func timestamp(_ seconds: Int64) -> String {
  let seconds = max(0, seconds)
  let (year, month, day) = date(ofDay: seconds / 86_400)
  let rest = seconds % 86_400
  return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
    + "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))Z"
}

/// Reads what `timestamp` writes: seconds since 1970; nil for every other form and for days that are none.
public func seconds(ofTimestamp text: String) -> Int64? {
  let bytes = Array(text.utf8)
  let form = Array("0000-00-00T00:00:00Z".utf8)
  guard bytes.count == form.count else { return nil }
  var numbers: [Int64] = []
  var number: Int64 = 0
  for (byte, expected) in zip(bytes, form) {
    if expected == UInt8(ascii: "0") {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      number = number * 10 + Int64(byte - 0x30)
    } else {
      guard byte == expected else { return nil }
      numbers.append(number)
      number = 0
    }
  }
  guard numbers.count == 6, numbers[3] < 24, numbers[4] < 60, numbers[5] < 60 else { return nil }
  let day = dayNumber(year: numbers[0], month: numbers[1], day: numbers[2])
  // A day that is none, such as February 30, comes back as another one.
  guard day >= 0, date(ofDay: day) == (numbers[0], numbers[1], numbers[2]) else { return nil }
  return day * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// The Gregorian date of a day counted from 1970-01-01. Years begin in March here, so that the leap day is the last of its
/// year and months before it have the same lengths in every year.
private func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let shifted = day + 719_468
  let era = shifted / 146_097
  let dayOfEra = shifted % 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return (
    yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  )
}

private func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
  let shifted = month <= 2 ? year - 1 : year
  let era = shifted / 400
  let yearOfEra = shifted % 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}
