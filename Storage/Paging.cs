using System.Collections.Immutable;

namespace Streaming.Storage;

internal static class Paging
{
    /// <summary>Makes a page of <paramref name="limit"/> out of rows read up to one further, which tells whether there is a next page.</summary>
    public static TPage Page<TRow, TPage>(
        List<(TRow Row, PageCursor Key)> rows, int limit, Func<ImmutableArray<TRow>, PageCursor?, TPage> toPage)
    {
        PageCursor? next = rows.Count > limit ? rows[limit - 1].Key : null;
        return toPage([.. rows.Take(limit).Select(row => row.Row)], next);
    }

    public static PageCursor Cursor(DateOnly day) => new(day.DayNumber, Guid.Empty);

    /// <summary>The nearest day there is: a cursor may be forged. Without one, the first.</summary>
    public static DateOnly Day(PageCursor? cursor) =>
        DateOnly.FromDayNumber((int)Math.Clamp(cursor?.Sort ?? 0, 0, DateOnly.MaxValue.DayNumber));
}
