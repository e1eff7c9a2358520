using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Policy;

public sealed class PolicySourceTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<int> _changes = [];
    private readonly List<string> _rejections = [];
    private PolicySource? _source;
    private Task? _running;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is not null)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _stop.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Only_policy_files_are_read_and_in_the_order_of_their_names()
    {
        _directory.Write("b.yaml", Policies("b"));
        _directory.Write("a.yml", Policies("a"));
        _directory.Write(".hidden.yaml", "not: read");
        _directory.Write("readme.md", "not read");
        _directory.Write("old.yaml.bak", "not read");
        _directory.Write("sub/c.yaml", "not: read");

        Assert.Equal(["a.yml", "b.yaml"], PolicyDirectory.Read(_directory.FullName).Select(file => file.Name));
    }

    [Fact]
    public void A_config_map_s_files_are_read_once()
    {
        MountConfigMap("..2026_01", Policies("a"));

        Assert.Equal(["orders.yaml"], PolicyDirectory.Read(_directory.FullName).Select(file => file.Name));
    }

    [Fact]
    public async Task A_config_map_s_change_is_taken_as_a_whole()
    {
        MountConfigMap("..2026_01", Policies("a"));
        Start();

        MountConfigMap("..2026_02", Policies("a", "b", "c"));
        await _clock.AdvanceUntilAsync(() => _changes.Count > 0);

        Assert.Equal([3], _changes);
        Assert.Equal(3, _source!.Current.Count);
    }

    [Fact]
    public async Task A_changed_an_added_and_a_removed_file_count()
    {
        _directory.Write("a.yaml", Policies("a"));
        Start();

        _directory.Write("a.yaml", Policies("a", "b"));
        await _clock.AdvanceUntilAsync(() => _source!.Current.Count == 2);
        _directory.Write("c.yaml", Policies("c"));
        await _clock.AdvanceUntilAsync(() => _source!.Current.Count == 3);
        File.Delete(_directory.File("a.yaml"));
        await _clock.AdvanceUntilAsync(() => _source!.Current.Count == 1);
        Assert.Null(_source!.LastProblem);
    }

    [Fact]
    public async Task A_bad_file_changes_nothing_and_says_why_until_it_is_mended()
    {
        _directory.Write("a.yaml", Policies("a"));
        _directory.Write("b.yaml", Policies("b"));
        Start();

        _directory.Write("a.yaml", Policies("a", "more"));
        _directory.Write("b.yaml", "policies: [ { name: b, subject: x } ]");
        await _clock.AdvanceUntilAsync(() => _rejections.Count > 0);
        Assert.Equal(2, _source!.Current.Count);
        Assert.Empty(_changes);
        Assert.Contains("b.yaml:1:24: unknown key 'subject'", _source.LastProblem, StringComparison.Ordinal);
        Assert.Equal(_source.LastProblem, Assert.Single(_rejections));

        _directory.Write("b.yaml", Policies("b"));
        await _clock.AdvanceUntilAsync(() => _changes.Count > 0);
        Assert.Equal([3], _changes);
        Assert.Null(_source.LastProblem);
    }

    [Fact]
    public async Task Going_back_to_the_files_in_force_ends_the_problem_without_a_change()
    {
        _directory.Write("a.yaml", Policies("a"));
        Start();
        _directory.Write("a.yaml", "policies: [");
        await _clock.AdvanceUntilAsync(() => _source!.LastProblem is not null);

        _directory.Write("a.yaml", Policies("a"));
        await _clock.AdvanceUntilAsync(() => _source!.LastProblem is null);

        Assert.Empty(_changes);
        Assert.Equal(1, _source!.Current.Count);
    }

    [Fact]
    public async Task A_half_saved_file_is_not_taken()
    {
        _directory.Write("a.yaml", Policies("a", "b"));
        Start();

        // Good YAML, but not what was meant: an editor that is still writing. The clock stands still meanwhile.
        _directory.Write("a.yaml", Policies("a"));
        _directory.Write("a.yaml", Policies("a", "b", "c"));
        await _clock.AdvanceUntilAsync(() => _changes.Count > 0);

        Assert.Equal([3], _changes);
    }

    [Fact]
    public async Task A_directory_that_was_replaced_is_found_by_looking_from_time_to_time()
    {
        _directory.Write("policies/a.yaml", Policies("a"));
        Start("policies");
        Directory.Delete(_directory.File("policies"), recursive: true);
        await _clock.AdvanceUntilAsync(() => _source!.LastProblem is not null);
        Assert.Equal(1, _source!.Current.Count);

        // The system's notices were about the directory that is gone.
        _directory.Write("policies/a.yaml", Policies("a", "b"));
        await _clock.AdvanceUntilAsync(() => _source.Current.Count == 2);

        Assert.Null(_source.LastProblem);
    }

    [Fact]
    public void Bad_files_at_the_start_are_fatal()
    {
        _directory.Write("a.yaml", "policies: [");

        Assert.Throws<InvalidYamlException>(() => Open(_directory.FullName));
    }

    [Fact]
    public void Too_many_files_and_too_large_ones_are_refused_with_the_limit()
    {
        _directory.Write("a.yaml", $"# {new string('x', 1024 * 1024)}");
        var large = Assert.Throws<InvalidYamlException>(() => PolicyDirectory.Read(_directory.FullName));
        Assert.Equal("a.yaml:1:1: the file has 1048578 bytes; at most 1048576 are allowed", large.Message);

        for (var i = 0; i < PolicyDirectory.MaxFiles; i++)
            _directory.Write($"{i}.yaml", "");
        var many = Assert.Throws<InvalidYamlException>(() => PolicyDirectory.Read(_directory.FullName));
        Assert.Contains("holds 1001 policy files; at most 1000 are allowed", many.Message, StringComparison.Ordinal);
    }

    private void Start(string subdirectory = "")
    {
        _source = Open(_directory.File(subdirectory));
        _source.Changed += policies => _changes.Add(policies.Count);
        _source.Rejected += _rejections.Add;
        _running = _source.RunAsync(_stop.Token);
    }

    private PolicySource Open(string directory) =>
        new(directory, LeaseOptions.Default, _clock, NullLogger<PolicySource>.Instance);

    /// <summary>As the kubelet does it: a new directory, and one rename that makes it current.</summary>
    private void MountConfigMap(string generation, string text)
    {
        _directory.Write($"{generation}/orders.yaml", text);
        File.CreateSymbolicLink(_directory.File("..data_tmp"), generation);
        if (Directory.Exists(_directory.File("..data")))
            File.Delete(_directory.File("..data"));
        Directory.Move(_directory.File("..data_tmp"), _directory.File("..data"));
        if (!File.Exists(_directory.File("orders.yaml")))
            File.CreateSymbolicLink(_directory.File("orders.yaml"), "..data/orders.yaml");
    }

    private static string Policies(params string[] names) => "policies:\n" + string.Concat(names.Select(name =>
        $"  - name: {name}\n    subjects: [ {{ namespace: a, serviceAccount: b }} ]\n    grants: [ {{ paths: [ kv/a ] }} ]\n"));
}
