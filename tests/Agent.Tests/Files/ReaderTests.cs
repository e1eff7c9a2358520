using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

/// <summary>Applications that read in a tight loop while the files rotate.</summary>
public sealed class ReaderTests : IDisposable
{
    private const int Files = 20;
    private const int Rotations = 10_000;

    /// <summary>A reader may be this far behind; the projection keeps more.</summary>
    private const int Behind = 48;

    private readonly TemporaryMount _mount = new();
    private readonly long[] _startedAt = [1, 1];
    private readonly long[] _passes = new long[2];
    private long _rotation;
    private volatile bool _done;

    [Fact]
    public async Task No_reader_ever_sees_a_torn_set_a_missing_file_or_an_empty_one()
    {
        var projection = _mount.Open();
        Rotate(projection, 1);
        Action<int>[] readers = [ReadThroughCurrentLink, ReadVisibleNames];
        var running = readers.Select((reader, index) => Task.Factory.StartNew(
            () => Loop(reader, index), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();

        try
        {
            for (var rotation = 2; rotation <= Rotations && !running.Any(reader => reader.IsCompleted); rotation++)
            {
                SpinWait.SpinUntil(() => _startedAt.Min() >= rotation - Behind || running.Any(reader => reader.IsCompleted));
                Rotate(projection, rotation);
            }
        }
        finally
        {
            _done = true;
            await Task.WhenAll(running);
        }

        Assert.Equal(Rotations, projection.Current!.Number);
        Assert.All(_passes, passes => Assert.InRange(passes, Rotations / Behind, long.MaxValue));
    }

    public void Dispose() => _mount.Dispose();

    private void Rotate(Projection projection, int number)
    {
        projection.Write([.. Enumerable.Range(0, Files).Select(file => File($"file{file}", number.ToString(CultureInfo.InvariantCulture)))], default);
        Volatile.Write(ref _rotation, number);
    }

    private void Loop(Action<int> reader, int index)
    {
        while (!_done)
        {
            Volatile.Write(ref _startedAt[index], Volatile.Read(ref _rotation));
            reader(index);
            _passes[index]++;
        }
    }

    /// <summary>As a careful program does: open the directory once, and all files relative to it.</summary>
    private void ReadThroughCurrentLink(int index)
    {
        using var directory = Opened(Syscall.open(_mount["..data"], OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY), "..data");
        var contents = Enumerable.Range(0, Files).Select(file => Read(directory, $"file{file}")).Distinct().ToList();
        var content = Assert.Single(contents);
        Assert.InRange(long.Parse(content, CultureInfo.InvariantCulture), _startedAt[index], long.MaxValue);
    }

    /// <summary>As a simple program does: each file by its name. Each is whole; together they may be of two sets.</summary>
    private void ReadVisibleNames(int index)
    {
        foreach (var file in Enumerable.Range(0, Files))
        {
            var content = System.IO.File.ReadAllText(_mount[$"file{file}"]);
            Assert.InRange(long.Parse(content, CultureInfo.InvariantCulture), _startedAt[index], long.MaxValue);
        }
    }

    private static string Read(SafeFileHandle directory, string name)
    {
        using var file = Opened(Syscall.openat((int)directory.DangerousGetHandle(), name, OpenFlags.O_RDONLY), name);
        Span<byte> buffer = stackalloc byte[64];
        var length = RandomAccess.Read(file, buffer, fileOffset: 0);
        Assert.True(length > 0, $"{name} is empty");
        return Encoding.UTF8.GetString(buffer[..length]);
    }

    private static SafeFileHandle Opened(int descriptor, string name) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : throw new FileNotFoundException($"{name} is missing: {Stdlib.GetLastError()}");
}
