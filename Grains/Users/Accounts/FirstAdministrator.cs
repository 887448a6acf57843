using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Users;

/// <summary>
/// Makes the administrator that the configuration names, once the silo works: tried at the start, and again and again until there is
/// one. Every silo may try: the store lets one of them.
/// </summary>
internal sealed partial class FirstAdministrator(
    IOptions<FirstAdministratorOptions> options, IServiceProvider services, TimeProvider time, ILogger<FirstAdministrator> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const string Username = "Administrator";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastPause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private Task loop = Task.CompletedTask;
    private bool isEmailTakenTold;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(FirstAdministrator), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose() => stopping.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value is { Email: { Length: > 0 } text, Password: { Length: > 0 } password } && EmailAddress.TryRead(text, out var email) && !await TryAddAsync(email, password, cancellationToken))
            loop = Task.Run(() => RepeatAsync(email, password), CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RepeatAsync(string email, string password)
    {
        for (var pause = FirstPause; !stopping.IsCancellationRequested; pause = pause * 2 < LastPause ? pause * 2 : LastPause)
        {
            await Task.Delay(pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (await TryAddAsync(email, password, stopping.Token))
                return;
        }
    }

    /// <summary>Whether there is an administrator now.</summary>
    private async Task<bool> TryAddAsync(string email, string password, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Here and not in the constructor: hashing has threads that a silo without log-ins need not have.
            var hash = await services.GetRequiredService<PasswordHashing>().HashAsync(password, cancellationToken)
                ?? throw new TimeoutException("No thread was free to hash a password.");
            var account = new Registration(email, password, Username).ToAccount(AccountRole.Admin, hash);
            var status = await services.GetRequiredService<IAccountStore>().AddFirstAdministratorAsync(account, cancellationToken);
            if (status == FirstAdministratorStatus.Added)
                LogAdded(logger, account.UserId);
            else if (status == FirstAdministratorStatus.EmailTaken && !isEmailTakenTold)
                LogEmailTaken(logger);

            isEmailTakenTold |= status == FirstAdministratorStatus.EmailTaken;
            return status != FirstAdministratorStatus.EmailTaken;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotAdded(logger, e);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "The first administrator was added, as the configuration says: account {UserId}.")]
    private static partial void LogAdded(ILogger logger, Guid userId);

    [LoggerMessage(LogLevel.Error, "There is no administrator, and the one that the configuration names was not added: the e-mail has an account already, and an account is never promoted. Name another one.")]
    private static partial void LogEmailTaken(ILogger logger);

    [LoggerMessage(LogLevel.Error, "It is unknown whether there is an administrator, and the one that the configuration names was not added; it is tried again.")]
    private static partial void LogNotAdded(ILogger logger, Exception exception);
}
