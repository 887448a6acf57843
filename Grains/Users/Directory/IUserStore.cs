namespace Streaming.Users;

/// <summary>Users, by user id.</summary>
public interface IUserStore
{
    /// <summary>User ids in ascending order, those after <paramref name="after"/>, at most <paramref name="limit"/>. May lag.</summary>
    Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Display names of those users who exist; at most 200 ids.</summary>
    Task<IReadOnlyDictionary<Guid, string>> GetUsernamesAsync(IReadOnlyCollection<Guid> userIds, CancellationToken cancellationToken);
}
