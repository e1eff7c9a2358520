using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>However often and wherever connections are cut: what was confirmed is there, and what was refused is not.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class ManyCutsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Writers = 8;
    private const int Cuts = 40;

    private readonly PostgresTestStore _store = postgres.Store();
    private ServerProxy _proxy = null!;
    private int _confirmed;

    public async Task InitializeAsync()
    {
        await _store.CreateAsync();
        _proxy = ServerProxy.Before(postgres.Server.Port);
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task What_was_confirmed_is_there_and_what_was_refused_is_not()
    {
        var account = _store.Connection with { Port = _proxy.Port, Tls = PostgresTls.Disable, CaFile = null };
        await using var database = await Database.OpenAsync(account, TimeProvider.System, NullLogger.Instance, default);
        await database.WriteAsync(s => s.Statement("CREATE TABLE t (n BIGINT)").ExecuteAsync(default), default);
        using var enough = new CancellationTokenSource();
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(database, writer, enough.Token))).ToList();

        var cuts = Enum.GetValues<Cut>();
        for (var i = 0; i < Cuts; i++)
        {
            // In every place of a transaction, one after the other.
            _proxy.Arm(i * 7 % 20, cuts[i % cuts.Length]);
            await Waiting.UntilAsync(() => _proxy.HasCut);
            // Now one cut after another, also while the session is made anew; now one in the midst of work.
            var before = Volatile.Read(ref _confirmed);
            if (i % 2 == 0)
                await Waiting.UntilAsync(() => Volatile.Read(ref _confirmed) > before + Writers);
        }

        await Waiting.UntilAsync(() => database.Problem is null);
        await enough.CancelAsync();
        var written = (await Task.WhenAll(writing)).ToList();
        var confirmed = written.SelectMany(one => one.Confirmed).Order().ToList();
        var stored = await database.ReadAsync(
            s => s.Statement("SELECT n FROM t ORDER BY n").ListAsync(row => row.GetInt64(0), default), default);

        Assert.Equal(confirmed, stored);
        Assert.True(confirmed.Count > Cuts, $"only {confirmed.Count} were confirmed");
        Assert.True(written.Sum(one => one.Refused) > 0, "none was refused");
        Assert.True(database.Losses >= Cuts / 4, $"the writer was lost {database.Losses} times");
    }

    private async Task<(List<long> Confirmed, int Refused)> WriteAsync(Database database, int writer, CancellationToken enough)
    {
        var (confirmed, refused) = (new List<long>(), 0);
        for (var n = writer * 1_000_000L; !enough.IsCancellationRequested; n++)
        {
            try
            {
                var number = n;
                await database.WriteAsync(
                    s => s.Statement("INSERT INTO t VALUES (@n)").With("n", number).ExecuteAsync(CancellationToken.None), CancellationToken.None);
                confirmed.Add(number);
                Interlocked.Increment(ref _confirmed);
            }
            catch (StorageUnavailableException)
            {
                refused++;
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
            }
        }

        return (confirmed, refused);
    }
}
