using Streaming.Benchmarks.Load;

namespace Streaming.Benchmarks.Servers;

/// <summary>Accounts that are logged in to upload, an account a client.</summary>
internal sealed class Uploaders
{
    private const string UploadPath = "/api/videos/upload";

    private const string Password = "correct horse battery staple";
    private const double BytesPerMegabyte = 1_048_576;

    private readonly StreamingApi api;
    private readonly string[] tokens;
    private long stored;

    private Uploaders(StreamingApi api, string[] tokens)
    {
        this.api = api;
        this.tokens = tokens;
    }

    /// <summary>Quotas that no run reaches.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Quota__StorageMegabytes"] = "1000000",
        ["Quota__DailyUploadMegabytes"] = "1000000",
        ["Quota__ParallelUploads"] = "100",
    };

    public static async Task<Uploaders> SignUpAsync(StreamingApi api, int count, CancellationToken cancellationToken)
    {
        var run = $"{Guid.NewGuid():N}";
        var bodies = Enumerable.Range(0, count).Select(i => $$"""{"email":"uploader-{{i}}.{{run}}@example.com","password":"{{Password}}"}""").ToArray();
        await api.RegisterAsync(bodies, cancellationToken);
        var tokens = new List<string>();
        foreach (var body in bodies)
            tokens.Add(await api.LogInAsync(body, cancellationToken));

        return new Uploaders(api, [.. tokens]);
    }

    /// <summary>Everybody uploads so many files to the server at that port; returns the time that it took.</summary>
    public async Task<TimeSpan> UploadAsync(int port, VideoForm form, int files, CancellationToken cancellationToken)
    {
        var elapsed = await new UploadCrowd("the server", port, form, [.. tokens.Select(token => form.Head(port, UploadPath, token))]).RunAsync(files, cancellationToken);
        stored += (long)files * form.FileBytes * tokens.Length;
        return elapsed;
    }

    /// <summary>Whether what was answered with 200 is what is stored, to the byte.</summary>
    public async Task<bool> CheckAsync(string name, CancellationToken cancellationToken)
    {
        var megabytes = 0.0;
        foreach (var token in tokens)
            megabytes += await api.ReadStoredMegabytesAsync(token, cancellationToken);

        var told = (long)Math.Round(megabytes * BytesPerMegabyte);
        Console.WriteLine($"{name}: checked: {stored:N0} bytes acknowledged {(told == stored ? "=" : "!=")} {told:N0} stored");
        return told == stored;
    }
}
