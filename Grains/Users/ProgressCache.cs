using Streaming.Viewing;

namespace Streaming.Users;

/// <summary>A user's newest sessions and their titles, as they are on disk.</summary>
internal sealed class ProgressCache
{
    private const int MaxSessions = 8;

    private readonly Dictionary<Guid, SessionProgress> sessions = [];
    private readonly Dictionary<Guid, TitleProgress> titles = [];

    public SessionProgress? Find(Guid sessionId) => sessions.GetValueOrDefault(sessionId);

    /// <summary>Of whichever session wrote last.</summary>
    public TitleProgress? FindTitle(Guid contentId) => titles.GetValueOrDefault(contentId);

    public IReadOnlyList<Guid> SessionsOf(Guid contentId) => [.. sessions.Values.Where(session => session.ContentId == contentId).Select(session => session.SessionId)];

    public void Keep(SessionProgress session)
    {
        sessions[session.SessionId] = session;
        titles[session.ContentId] = session.Title;
        if (sessions.Count > MaxSessions)
            Drop(sessions.Values.MinBy(kept => kept.Period.LastHeartbeatAt)!);
    }

    /// <summary>What the store holds of it is not known any more.</summary>
    public void Drop(SessionProgress session)
    {
        sessions.Remove(session.SessionId);
        if (sessions.Values.All(kept => kept.ContentId != session.ContentId))
            titles.Remove(session.ContentId);
    }

    /// <summary>Likewise of a title and all its sessions.</summary>
    public void DropTitle(Guid contentId)
    {
        foreach (var sessionId in SessionsOf(contentId))
            sessions.Remove(sessionId);

        titles.Remove(contentId);
    }

    public void Clear()
    {
        sessions.Clear();
        titles.Clear();
    }
}
