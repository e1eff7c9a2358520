using System.Reflection;
using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.KeyServices;

/// <summary>
/// A PKCS#11 library (PKCS#11 v2.40) in this process. Its calls block, so they are made on threads of the pool, at most
/// <see cref="Calls"/> at once; one that never returns keeps its place and nobody waits for it for ever. A token that
/// went away and came back is only seen by a library that is initialized anew, which nobody may use meanwhile.
/// </summary>
internal sealed class Pkcs11Module : IDisposable
{
    private const int Calls = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Pkcs11InteropFactories Factories = new();

    private readonly SemaphoreSlim _places = new(Calls);
    private readonly SemaphoreSlim _restarting = new(1);
    private readonly string _path;
    private readonly TimeProvider _clock;
    private volatile IPkcs11Library? _library;
    private volatile int _generation;
    private int _users;

    static Pkcs11Module() =>
        // The interop library asks for libdl.so, which distributions ship for compilers only.
        NativeLibrary.SetDllImportResolver(typeof(Pkcs11InteropFactories).Assembly, Resolve);

    private Pkcs11Module(string path, IPkcs11Library library, TimeProvider clock)
    {
        _path = path;
        _library = library;
        _clock = clock;
    }

    /// <summary>Grows by one each time the library is initialized anew: sessions of before are dead.</summary>
    public int Generation => _generation;

    /// <exception cref="CannotStartException">It is no PKCS#11 library, or does not work.</exception>
    public static Pkcs11Module Load(string path, TimeProvider clock)
    {
        try
        {
            return new Pkcs11Module(path, Load(path), clock);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new CannotStartException($"The PKCS#11 module {path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Each key that uses the module disposes it; the last one ends it.</summary>
    public Pkcs11Module Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    /// <param name="work">Calls into the library, on a thread of its own.</param>
    /// <param name="cancellationToken">Gives up waiting; the call goes on.</param>
    /// <exception cref="KeyUnavailableException">It takes too long, or the library cannot be initialized.</exception>
    public async Task<T> UseAsync<T>(Func<IPkcs11Library, T> work, CancellationToken cancellationToken)
    {
        if (!await TakeAsync(cancellationToken))
            throw new KeyUnavailableException("all sessions of the token are busy, and none became free in time");
        var call = Task.Run(
            () =>
            {
                try
                {
                    return work(_library ?? throw new TokenGoneException($"the module {_path} is not initialized"));
                }
                finally
                {
                    _places.Release();
                }
            },
            CancellationToken.None);
        try
        {
            return await call.WaitAsync(Patience, _clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // What it may yet answer is a key, perhaps, and nobody's any more.
            _ = call.ContinueWith(
                static late => (late.Result as IDisposable)?.Dispose(), CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (e is OperationCanceledException)
                throw;
            throw new KeyUnavailableException($"the token did not answer within {Patience.TotalSeconds:0} s", e);
        }
    }

    /// <summary>Initializes the library anew, unless somebody has done so since the caller looked.</summary>
    /// <exception cref="KeyUnavailableException">It cannot be done now.</exception>
    public async Task RestartAsync(int seenGeneration, CancellationToken cancellationToken)
    {
        await _restarting.WaitAsync(cancellationToken);
        var taken = 0;
        try
        {
            if (_generation != seenGeneration)
                return;
            while (taken < Calls)
            {
                if (!await TakeAsync(cancellationToken))
                    throw new KeyUnavailableException("calls into the token do not return, so it cannot be opened again");
                taken++;
            }

            _library?.Dispose();
            _library = null;
            _generation++;
            _library = await Task.Run(() => Load(_path), CancellationToken.None);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new KeyUnavailableException($"the PKCS#11 module {_path} cannot be initialized: {e.Message}", e);
        }
        finally
        {
            if (taken > 0)
                _places.Release(taken);
            _restarting.Release();
        }
    }

    /// <summary>What the library and the way to it throw.</summary>
    public static bool IsFailure(Exception e) =>
        e is TokenGoneException or Pkcs11Exception or UnmanagedException or AttributeValueException or DllNotFoundException
            or EntryPointNotFoundException;

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        _library?.Dispose();
        _library = null;
        _places.Dispose();
        _restarting.Dispose();
    }

    private static IPkcs11Library Load(string path) =>
        Factories.Pkcs11LibraryFactory.LoadPkcs11Library(Factories, path, AppType.MultiThreaded);

    private async Task<bool> TakeAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await _places.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name.StartsWith("libdl", StringComparison.Ordinal) ? NativeLibrary.Load("libdl.so.2") : IntPtr.Zero;
}
