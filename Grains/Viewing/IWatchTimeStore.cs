namespace Streaming.Viewing;

/// <summary>Time watched in views, on its way from users' history to <c>trending_daily</c>.</summary>
public interface IWatchTimeStore
{
    /// <summary>
    /// Sets <c>watch_time_minutes</c> of days and titles that have been watched since, up to <paramref name="limit"/>, and
    /// returns how many. What history and downloads are to their store is in one transaction there; here a total is set, and
    /// only upwards, so that any number of silos may do so at once, and one that dies half-way has done no harm.
    /// </summary>
    Task<int> PublishAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Forgets published totals of days before <paramref name="day"/>, up to <paramref name="limit"/>; returns how many.</summary>
    Task<int> ForgetAsync(DateOnly day, int limit, CancellationToken cancellationToken);
}
