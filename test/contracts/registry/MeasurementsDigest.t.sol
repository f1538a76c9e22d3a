// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {MeasurementsDigest} from "../../../contracts/registry/MeasurementsDigest.sol";
import {ApplicationRegister, Measurements} from "../../../contracts/registry/RegistryTypes.sol";

/// @dev The digest of an approval is that of exactly the quotes whose measurements it names.
contract MeasurementsDigestTest {
    uint256 private constant _TD10 = 584;
    uint256 private constant _TD15 = 648;
    /// What stands before the body.
    uint256 private constant _BODY = 48;

    function testFuzz_AnApprovalIsEqualToTheQuoteItWasReadFrom(bytes32 seed, uint8 shape) public view {
        bytes memory quote = _quote(seed, shape);
        (bytes20 approved, uint8 form) = this.ofApproval(_measurements(quote, shape));
        assert(this.ofQuote(quote, _isTd15(shape), form) == approved);
    }

    function testFuzz_AnyBitOfAMeasuredByteMakesAnotherDigest(bytes32 seed, uint8 shape, uint16 position, uint8 bit)
        public
        view
    {
        bytes memory quote = _quote(seed, shape);
        (bytes20 approved, uint8 form) = this.ofApproval(_measurements(quote, shape));
        uint256 offset = uint256(position) % (_isTd15(shape) ? _TD15 : _TD10);
        quote[_BODY + offset] ^= bytes1(uint8(1 << (bit % 8)));
        bool isSame = this.ofQuote(quote, _isTd15(shape), form) == approved;
        assert(isSame != _isMeasured(offset, shape));
    }

    /// @dev One application cannot be passed off as the other register's, nor one open field as pinned.
    function testFuzz_FormsDoNotMeet(bytes32 seed, uint8 shape) public view {
        bytes memory quote = _quote(seed, shape);
        (bytes20 approved, uint8 form) = this.ofApproval(_measurements(quote, shape));
        for (uint8 other = 0; other < 4; ++other) {
            if (other != form) assert(this.ofQuote(quote, _isTd15(shape), other) != approved);
        }
    }

    function ofApproval(Measurements calldata m) external pure returns (bytes20, uint8) {
        return MeasurementsDigest.ofApproval(m);
    }

    function ofQuote(bytes calldata quote, bool isTd15, uint8 form) external pure returns (bytes20) {
        // What lies in memory before must not matter: the function writes all that it reads.
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            for { let i := 0 } lt(i, 384) { i := add(i, 32) } { mstore(add(ptr, i), not(0)) }
        }
        return MeasurementsDigest.ofQuote(quote, _BODY, isTd15, form);
    }

    function _isTd15(uint8 shape) private pure returns (bool) {
        return shape & 1 != 0;
    }

    function _isRtmr3(uint8 shape) private pure returns (bool) {
        return shape & 2 != 0;
    }

    function _pinsMrSeam(uint8 shape) private pure returns (bool) {
        return shape & 4 != 0;
    }

    function _isMeasured(uint256 offset, uint8 shape) private pure returns (bool) {
        if (offset >= 16 && offset < 64) return _pinsMrSeam(shape);
        // TD attributes, XFAM, MRTD.
        if (offset >= 120 && offset < 184) return true;
        if (offset >= 184 && offset < 232) return !_isRtmr3(shape);
        if (offset >= 328 && offset < 472) return true;
        if (offset >= 472 && offset < 520) return _isRtmr3(shape);
        return offset >= 600;
    }

    /// @dev Random, without the bits that no approval may have.
    function _quote(bytes32 seed, uint8 shape) private pure returns (bytes memory quote) {
        quote = new bytes(_BODY + (_isTd15(shape) ? _TD15 : _TD10) + 100);
        for (uint256 i = 0; i < quote.length; i += 32) {
            bytes32 word = keccak256(abi.encode(seed, i));
            for (uint256 j = 0; j < 32 && i + j < quote.length; ++j) quote[i + j] = word[j];
        }
        quote[_BODY + 120] = 0;
        quote[_BODY + 123] &= 0xdf;
    }

    function _measurements(bytes memory quote, uint8 shape) private pure returns (Measurements memory m) {
        m.tdAttributes = bytes8(_slice(quote, 120, 8));
        m.xfam = bytes8(_slice(quote, 128, 8));
        m.mrTd = _slice(quote, 136, 48);
        m.rtmr0 = _slice(quote, 328, 48);
        m.rtmr1 = _slice(quote, 376, 48);
        m.rtmr2 = _slice(quote, 424, 48);
        if (_pinsMrSeam(shape)) m.mrSeam = _slice(quote, 16, 48);
        if (_isTd15(shape)) m.mrServiceTd = _slice(quote, 600, 48);
        m.applicationRegister = _isRtmr3(shape) ? ApplicationRegister.RTMR3 : ApplicationRegister.MR_CONFIG_ID;
        m.application = _slice(quote, _isRtmr3(shape) ? 472 : 184, 48);
        m.osEnforcesMrConfigId = !_isRtmr3(shape);
    }

    function _slice(bytes memory quote, uint256 offset, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) part[i] = quote[_BODY + offset + i];
    }
}
